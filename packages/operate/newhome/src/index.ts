/** Make a directory a home: what it consists of, and who owns what. */

export { accountParts, commonParts, type Owner, type Part, queueParts } from './layout.ts'
export { makePart } from './make.ts'
export { isHostName, makeHome, type Outcome, outcomeLines } from './newhome.ts'
