/** What Dovecot 2.3 said of many messages, and what the functions here say. */
import t from 'tap'
import { messagesOf, type Recorded, recordedFixtures } from '../../../../test/support/imapfixtures.ts'
import { imapWords, type Words } from '../../../../test/support/imapwords.ts'
import { CommandReader, type FetchItem, parseFetch } from '../../imapwire/src/index.ts'
import {
  binarySize,
  type Part,
  pickFields,
  previewOf,
  readBinary,
  scanParts,
  sectionExtent,
  toCrlf,
  writeBodyStructure,
  writeEnvelope,
} from '../src/index.ts'

const kinds = /^(fetch\/(?!items)|eml\/|torture\/|misc\/(binary|preview))/

function itemOf(name: string): FetchItem | undefined {
  const reader = new CommandReader(true)
  reader.push(Buffer.from(`a FETCH 1 ${name.replace(/<(\d+)>$/, '<$1.999999>')}\r\n`, 'latin1'))
  const event = reader.next()
  return event?.kind === 'command' ? parseFetch(event.args).items[0] : undefined
}

/** A data item as it was recorded; undefined for one that the functions here do not write. */
function said(file: Buffer, root: Part, name: string, wanted: Words): Words | undefined {
  const read = (start: number, end: number): Buffer => file.subarray(start, end)
  if (name === 'ENVELOPE') return imapWords(writeEnvelope(root.fields))[0]
  if (name === 'BODY' || name === 'BODYSTRUCTURE') return imapWords(writeBodyStructure(root, name !== 'BODY'))[0]
  if (name === 'RFC822.SIZE') return String(root.header.sizeBytes + root.body.sizeBytes)
  if (name === 'PREVIEW') return typeof wanted === 'string' ? `"${Buffer.from(previewOf(root, read)).toString('latin1')}` : undefined
  const item = /^(BODY|BINARY)(\.SIZE)?\[/.test(name) ? itemOf(name) : undefined
  if (item === undefined || !('section' in item)) return undefined
  if (item.item === 'binarySize') return String(binarySize(root, item.section, read))
  let bytes: Buffer
  if (item.item === 'binary') bytes = readBinary(root, item.section, read).bytes
  else {
    const { start, end } = sectionExtent(root, item.section)
    const { text, fields } = item.section
    bytes = toCrlf(text.startsWith('HEADER.FIELDS') ? pickFields(read(start, end), fields, text.endsWith('NOT')) : read(start, end))
  }
  const from = item.partial?.offset ?? 0
  return `"${bytes.toString('latin1', from, item.partial === undefined ? undefined : from + wanted.length - 1)}`
}

function differences(fixture: Recorded): { compared: number; wrong: unknown[] } {
  const files = messagesOf(fixture)
  let compared = 0
  const wrong: unknown[] = []
  for (const line of fixture.groups.flatMap(({ untagged }) => untagged ?? [])) {
    const [number = '', verb, items] = imapWords(line)
    const file = files[Number(number) - 1]
    if (verb !== 'FETCH' || file === undefined || !Array.isArray(items)) continue
    const root = scanParts(file)
    for (let at = 0; at < items.length; at += 2) {
      const [name, wanted] = [items[at] as string, items[at + 1] as Words]
      const got = said(file, root, name, wanted)
      if (got === undefined) continue
      compared += 1
      if (JSON.stringify(got) !== JSON.stringify(wanted).replaceAll('$$', '$')) wrong.push({ name, got, wanted })
    }
  }
  return { compared, wrong }
}

for (const file of ['golden', 'eml-golden', 'torture']) {
  t.test(file, async (t) => {
    const fixtures = recordedFixtures(file).filter(({ name, departs }) => kinds.test(name) && departs === undefined)
    let total = 0
    for (const fixture of fixtures) {
      const { compared, wrong } = differences(fixture)
      total += compared
      t.same(wrong, [], fixture.name)
    }
    t.ok(total > fixtures.length)
    t.comment(`${total} items of ${fixtures.length} messages`)
  })
}

t.test('a text says the same in pieces of any size', async (t) => {
  const { PartScan } = await import('../src/index.ts')
  for (const fixture of recordedFixtures('golden').filter(({ name }) => name.startsWith('fetch/'))) {
    for (const file of messagesOf(fixture)) {
      for (const piece of [1, 7]) {
        const scan = new PartScan()
        for (let at = 0; at < file.length; at += piece) scan.push(file.subarray(at, at + piece))
        t.same(scan.finish(), scanParts(file), fixture.name)
      }
    }
  }
})
