/**
 * The grammar of SMTP that server and client share: command lines, replies, and the message between DATA and its dot.
 */

export { type Command, CommandLines, parseCommand, tooLong } from './commandlines.ts'
export { DataDecoder, type DataState } from './decode.ts'
export { DataEncoder } from './encode.ts'
export { type Reply, ReplyReader } from './reply.ts'
