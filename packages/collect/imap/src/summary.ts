/** What is kept of a message, so that its file need not be read again. */
import { type Digest, toWire } from '@yabumi/mailfolder'
import { type Part, pickFields, writeBodyStructure, writeEnvelope } from '@yabumi/mimeparts'
import { keptFields } from './keptfields.ts'

const names = [...keptFields]

/** Undefined for a message whose header holds what cannot be kept. @param bytes - of its file, whose parts are below `root` */
export function summaryOf({ root, bytes }: { readonly root: Part; readonly bytes: Buffer }): Digest | undefined {
  const header = bytes.subarray(root.header.start, root.header.end)
  if (header.includes(0)) return undefined
  const fields = pickFields(toWire(header), names, false).toString('latin1').slice(0, -2)
  if (/\r(?!\n)|[^\r]\n/.test(fields)) return undefined
  return { envelope: writeEnvelope(root.fields), structure: hasGlobal(root) ? '' : writeBodyStructure(root, true), fields }
}

/** Whether there is a part that is a message for some clients and opaque for others. */
function hasGlobal({ type, children }: Part): boolean {
  return (type?.type.toLowerCase() === 'message' && type.subtype.toLowerCase() === 'global') || children.some(hasGlobal)
}
