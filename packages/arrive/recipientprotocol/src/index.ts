/**
 * Whether anybody receives mail for an address: what the programs that hear mail ask of recipientd, which can look into
 * homes.
 *
 * README.md has the records.
 */
export { askRecipient, type Pace, type RecipientAnswer, recipientSocket, type Verdict } from './ask.ts'
export { type KeptAnswer, KeptAnswers } from './kept.ts'
export { askSender, type MaySend } from './sender.ts'
