/** Make a directory a home: what it consists of, and who owns what. */

export { commonParts, type Owner, type Part, queueParts } from './layout.ts'
export { makePart } from './make.ts'
export { isHostName, makeHome, type Outcome, outcomeLine } from './newhome.ts'
