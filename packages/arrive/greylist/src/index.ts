/** Put off whom nobody knows here (spec §17, RFC 6647). */
export { type Attempt, Greylist } from './greylist.ts'
