/* One person, four times: as photographed, and with a mask drawn on in three ways. */
import { readFileSync } from 'node:fs'
import { PNG } from 'pngjs'
import { drawMask } from './draw-mask.mjs'
import { setUpPortrait } from './setup.mjs'

/** @typedef {import('./draw-mask.mjs').Picture} Picture */
/** @typedef {import('./draw-mask.mjs').MaskShape} MaskShape */
/** @typedef {'bare' | 'correct' | 'under-nose' | 'chin'} PortraitName */

/** Where the face is in every portrait, px. */
export const FACE_BOX = Object.freeze({ x: 180, y: 70, width: 92, height: 112 })

/** @type {Readonly<Record<PortraitName, import('../../web/lib/labels.js').MaskLabel>>} */
export const EXPECTED_LABELS = Object.freeze({
  bare: 'without_mask',
  correct: 'mask_worn_correctly',
  'under-nose': 'mask_worn_incorrectly',
  chin: 'mask_worn_incorrectly',
})

/** @type {MaskShape['lower']} along the jaw */
const JAW = [[184, 146], [190, 160], [200, 172], [212, 180], [226, 183], [239, 180], [251, 172], [262, 159], [269, 146]]

/** @type {Record<Exclude<PortraitName, 'bare'>, MaskShape>} */
const SHAPES = {
  correct: {
    upper: [[184, 117], [196, 116], [212, 111], [224, 107], [237, 111], [254, 117], [269, 120]],
    lower: JAW,
    loops: [[[185, 119], [177, 112]], [[187, 152], [179, 130]], [[268, 121], [275, 116]], [[266, 152], [272, 132]]],
  },
  'under-nose': {
    upper: [[184, 136], [200, 135], [224, 134], [250, 136], [269, 138]],
    lower: [[184, 150], [191, 163], [201, 175], [212, 183], [226, 187], [239, 183], [251, 175], [261, 162], [269, 150]],
    loops: [[[185, 138], [178, 124]], [[187, 154], [179, 130]], [[268, 140], [273, 127]], [[266, 154], [272, 133]]],
  },
  chin: {
    upper: [[190, 159], [206, 159], [226, 160], [248, 159], [262, 158]],
    lower: [[190, 167], [203, 181], [214, 188], [226, 190], [238, 188], [249, 181], [262, 166]],
    loops: [[[191, 161], [180, 130]], [[261, 160], [271, 134]]],
  },
}

/**
 * Without the lower part, whose helmet and badges say nothing about faces.
 * @param {PortraitName} name
 * @returns {Picture} 512 x 384 px
 */
export function makePortrait(name) {
  const { data, width } = PNG.sync.read(readFileSync(setUpPortrait()))
  const height = (width * 3) / 4
  const picture = { data: new Uint8Array(data.subarray(0, width * height * 4)), width, height }
  if (name !== 'bare') drawMask(picture, SHAPES[name])
  return picture
}

/** @param {Picture} picture @returns {Uint8Array} a PNG file */
export function encodePng({ data, width, height }) {
  const png = new PNG({ width, height })
  png.data = Buffer.from(data)
  return PNG.sync.write(png)
}
