/**
 * The databases of aliases of D. J. Bernstein's fastforward: a cdb of targets, and lists apart from it.
 *
 * The key `:` target has commands, the key `?` target the sender that its forwards get. Targets are `user@host`,
 * `@host` and `user@`, in small letters. A list is a file of commands. Byte strings in and out.
 */
export { type AliasCommand, decodeCommands, encodeCommands } from './command.ts'
export { type Handling, handlingOf } from './expand.ts'
export { type Addressed, type Aliases, aliasesOf } from './line.ts'
export { type AliasRequest, parseRequest } from './request.ts'
export { commandsKey, ownerKey, targetsOf } from './target.ts'
