/**
 * A file of code: JavaScript with what V8 has compiled it to, so that no start compiles a function again.
 *
 * It is the length of the source (4 bytes, little-endian), the source, which is ASCII, and V8's data. Where that is of
 * another V8, or of other options, V8 compiles the source. Both are in one file, because V8 compares no more of the
 * source than its length.
 */
import { setFlagsFromString } from 'node:v8'
import { Script } from 'node:vm'

/** @param source - what esbuild made: ASCII, @param parameters - names that it is called with, `a, b` */
export function codeFile(source: string, parameters: string): Buffer {
  const text = `(function (${parameters}) {${source}\n})`
  const length = Buffer.alloc(4)
  length.writeUInt32LE(text.length)
  setFlagsFromString('--no-lazy') // all functions, before one has run
  const script = new Script(text)
  setFlagsFromString('--lazy') // or V8 would take it only from programs that have that option
  return Buffer.concat([length, Buffer.from(text, 'latin1'), script.createCachedData()])
}

/** Statements that run a file of code. @param path - an expression, @param values - of its parameters */
export function runCode(path: string, values: string): string {
  return `const path = ${path}, code = require('node:fs').readFileSync(path), end = 4 + code.readUInt32LE(0)
new (require('node:vm').Script)(code.latin1Slice(4, end), { filename: path, cachedData: code.subarray(end) }).runInThisContext()(${values})`
}
