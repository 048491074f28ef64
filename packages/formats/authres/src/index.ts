/** Authentication-Results fields, read and written (RFC 8601). */
export { ForeignResults, speaksFor } from './foreign.ts'
export { type AuthResults, type MethodResult, readAuthResults, readId } from './read.ts'
export { resultsText } from './write.ts'
