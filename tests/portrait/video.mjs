/* Writes a portrait as a video for Chromium's fake camera. */
import { writeFileSync } from 'node:fs'
import { makePortrait } from './portraits.mjs'
import { encodeY4m } from './y4m.mjs'

/**
 * @param {import('./portraits.mjs').PortraitName} name
 * @param {string} file path, .y4m
 */
export function writePortraitVideo(name, file) {
  writeFileSync(file, encodeY4m(makePortrait(name)))
}
