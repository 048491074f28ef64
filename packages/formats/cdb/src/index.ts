/** Constant databases in D. J. Bernstein's cdb format (spec §10.4). Keys and data are bytes. */
export { cdbHash } from './hash.ts'
export { CdbReader, type ReadAt } from './read.ts'
export { makeCdb } from './write.ts'
