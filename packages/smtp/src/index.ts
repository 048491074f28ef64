/** The grammar of SMTP that server and client share: command lines, replies, and the message between DATA and its dot. */

export { DataEncoder } from './encode.ts'
export { type Reply, ReplyReader } from './reply.ts'
