/** Make a directory a home: what it consists of, and who owns what. */

export { isHostName, makeHome, type Outcome, outcomeLine } from './newhome.ts'
