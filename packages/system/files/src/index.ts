/** What node:fs leaves to its callers: to go on until all is done, and to make it durable. */
export { messagePieces } from './pieces.ts'
export { whenReady } from './ready.ts'
export { removeQuietly } from './remove.ts'
export { replaceFile, unplanted } from './replace.ts'
export { syncDirectory } from './sync.ts'
export { writeAll } from './write.ts'
