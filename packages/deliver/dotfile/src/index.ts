/**
 * What a user's dotfiles say is to be done with mail: which file counts for an address, and its instructions (spec
 * §2.7).
 *
 * Files are named relative to the user's home, which is the working directory. Everything is a byte string.
 */
export { readDefaultDelivery } from './defaultdelivery.ts'
export { Failure, homeIsSticky } from './failure.ts'
export { parseForwardFile } from './forwardfile.ts'
export { defaultInstructions, type Instruction, parseDotQmail, upToNul } from './instruction.ts'
export { mayMake, type Obeyed, obeyed } from './obeyed.ts'
export { readPatrn } from './patrn.ts'
export { type Request, recipientOf } from './request.ts'
export { candidates, type FoundDotfile, findDotfile, governs, newSender } from './search.ts'
export { enterUserHome, type UserHome } from './userhome.ts'
