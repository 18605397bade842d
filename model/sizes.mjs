#!/usr/bin/env node
// Prints what the two network files weigh and cost: bytes, parameters, multiply-adds.

import { readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, gzipSync } from 'node:zlib'

import { OnnxError, measureCost, readGraph } from './onnx-graph.mjs'

/** @typedef {import('./onnx-graph.mjs').Graph} Graph */

const USAGE = `usage: npm run sizes [-- FILE.onnx ...]

Without a FILE: face.onnx and mask.onnx of this folder.`

const HERE = dirname(fileURLToPath(import.meta.url))
const PICTURES = /** @type {const} */ ([[320, 240], [640, 480]])

/** @param {number} value */
const thousands = (value) => String(value).replace(/\B(?=(\d{3})+$)/g, ',')

/**
 * The network is fully convolutional, so the padding to multiples of 32 is counted apart.
 * @param {Graph} graph
 * @param {number} width px
 * @param {number} height px
 */
function finderCost(graph, width, height) {
  const padded = [width, height].map((side) => Math.ceil(side / 32) * 32)
  const [paddedWidth = 0, paddedHeight = 0] = padded
  const { macs } = measureCost(graph, [1, 3, paddedHeight, paddedWidth])
  const own = Math.round((macs * width * height) / (paddedWidth * paddedHeight))
  return { macs, text: own === macs ? thousands(macs) : `${thousands(own)} (${thousands(macs)} as padded to ${padded.join('x')})` }
}

/** @param {Graph} graph */
function costLines(graph) {
  if (graph.metadata['maskcheck.kind'] === 'mask') {
    const side = Number(graph.metadata['input_size'])
    const { macs, parameters } = measureCost(graph, [1, 3, side, side])
    return [`parameters: ${thousands(parameters)}`, `multiply-adds per face (${side}x${side}): ${thousands(macs)}`]
  }
  const { parameters } = measureCost(graph, [1, 3, 32, 32])
  const twice = PICTURES.reduce((sum, [width, height]) => sum + finderCost(graph, width, height).macs, 0)
  return [
    `parameters: ${thousands(parameters)}`,
    ...PICTURES.map(([width, height]) => `multiply-adds at ${width}x${height}: ${finderCost(graph, width, height).text}`),
    ...(graph.metadata['picture_scales'] === '2' ? [`multiply-adds of a 640x480 picture, searched at both sizes: ${thousands(twice)}`] : []),
  ]
}

const files = process.argv.slice(2)
if (files.some((file) => file.startsWith('-'))) {
  console.log(USAGE)
  process.exitCode = files.includes('--help') ? 0 : 2
} else {
  for (const file of files.length ? files : ['face.onnx', 'mask.onnx'].map((name) => join(HERE, name))) {
    try {
      const bytes = readFileSync(file)
      const [gzip, brotli] = [gzipSync(bytes, { level: 9 }).length, brotliCompressSync(bytes).length]
      console.log(basename(file))
      const sizes = `bytes: ${thousands(bytes.length)}, gzip ${thousands(gzip)}, brotli ${thousands(brotli)}`
      for (const line of [sizes, ...costLines(readGraph(bytes))]) console.log(`  ${line}`)
    } catch (error) {
      if (!(error instanceof OnnxError) && !(error instanceof Error && 'code' in error)) throw error
      console.error(`sizes: ${file}: ${error.message}`)
      process.exitCode = 1
    }
  }
}
