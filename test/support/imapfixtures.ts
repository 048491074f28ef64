/** The recorded dialogues of test/suites/imap, as far as tests of single functions need them. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

export interface RecordedMessage {
  readonly raw?: string
  readonly b64?: string
  readonly gz?: string
  readonly flags?: readonly string[]
  readonly date?: string
}

export interface Recorded {
  readonly name: string
  readonly departs?: string
  readonly messages?: readonly RecordedMessage[]
  readonly groups: readonly {
    readonly commands?: readonly { readonly send: string; readonly status?: string; readonly alt?: string }[]
    readonly untagged?: readonly string[]
  }[]
}

/** All fixtures of a file: `golden`, `eml-golden`, `torture`, `imaptest`. */
export function recordedFixtures(file: string): readonly Recorded[] {
  const path = join(import.meta.dirname, '../suites/imap/fixtures', `${file}.json`)
  const { fixtures, pools } = JSON.parse(readFileSync(path, 'utf8')) as {
    fixtures: readonly (Recorded & { readonly messagesFrom?: string })[]
    pools?: Readonly<Record<string, readonly RecordedMessage[]>>
  }
  return fixtures.map((fixture) => ({ ...fixture, messages: pools?.[fixture.messagesFrom ?? ''] ?? fixture.messages ?? [] }))
}

/** The bytes of a fixture's messages. */
export function messagesOf({ messages }: Recorded): Buffer[] {
  return (messages ?? []).map(({ raw, b64, gz }) => {
    if (raw !== undefined) return Buffer.from(raw, 'latin1')
    return b64 === undefined ? gunzipSync(Buffer.from(gz ?? '', 'base64')) : Buffer.from(b64, 'base64')
  })
}
