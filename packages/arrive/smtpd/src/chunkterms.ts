/**
 * A chunk of a message as BDAT announces it (RFC 3030 §2): `BDAT 1000 LAST`.
 *
 * Its bytes are counted, so they come whatever the reply will be. Whoever does not know how many there are can only
 * close the connection, lest it obey a message's lines.
 */
import { smtpChunkBytes } from '@yabumi/limits'
import { type ChunkTerms, type Reaction, reply } from './replies.ts'

/** @param argument - of BDAT. @returns undefined for what is none */
export function readChunkTerms(argument: string): ChunkTerms | undefined {
  const [, digits = '', last] = /^([0-9]{1,20})(?: +(last))? *$/i.exec(argument) ?? []
  const sizeBytes = Number(digits)
  return digits === '' || sizeBytes > smtpChunkBytes ? undefined : { sizeBytes, isLast: last !== undefined }
}

/** The answer to BDAT; the bytes come whether they are wanted or not. @param refusal - where no message takes them */
export function reactToChunk(argument: string, refusal: string | undefined): Reaction {
  const terms = readChunkTerms(argument)
  if (terms === undefined) return { reply: reply.badChunk, next: 'abort' }
  return { reply: '', next: 'chunk', chunk: refusal === undefined ? terms : { ...terms, refusal } }
}
