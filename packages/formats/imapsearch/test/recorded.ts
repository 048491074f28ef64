/** What others found in many messages: recordings of Dovecot 2.3, and the scripts of imaptest. */
import t from 'tap'
import { messagesOf, type Recorded, recordedFixtures } from '../../../../test/support/imapfixtures.ts'
import { type Command, CommandReader, NumberSet, parseDateTime, parseSearch, parseSort, parseThread } from '../../imapwire/src/index.ts'
import { scanParts } from '../../mimeparts/src/index.ts'
import { compileSearch, type SearchMessage, sortMessages, threadMessages, writeSearchAnswer, writeThreads } from '../src/index.ts'

const kinds = /\/(search|sort|thread|esort)/
/** What needs a mailbox that changes, or values of it. */
const otherwise = /context|searchres|sets|search-size/
const appended = Date.UTC(2026, 0, 1) / 1000

function mailboxOf(fixture: Recorded): SearchMessage[] {
  return messagesOf(fixture).map((file, at) => {
    const { date, flags = [] } = fixture.messages?.[at] ?? {}
    const root = scanParts(file)
    const lines = file
      .toString('latin1', root.header.start, root.header.end)
      .replaceAll(/\r?\n(?=[ \t])/g, '')
      .split(/\r?\n/)
    return {
      number: at + 1,
      uid: at + 1,
      hasFlag: (flag) => flag === '\\Recent' || flags.some((one) => one.toUpperCase() === flag.toUpperCase()),
      internalDate: date === undefined ? appended : parseDateTime(date.padStart(26)),
      saveDate: undefined,
      sizeBytes: root.header.sizeBytes + root.body.sizeBytes,
      modseq: 1,
      emailId: undefined,
      threadId: undefined,
      fields: (name) =>
        lines.flatMap((line) => {
          const [, found = '', value = ''] = /^([^:]*?)[ \t]*:[ \t]*(.*)$/.exec(line) ?? []
          return found.toUpperCase() === name ? [value] : []
        }),
      open: () => ({ root, read: (start, end) => file.subarray(start, end) }),
    }
  })
}

function commandOf(text: string): Command | undefined {
  const reader = new CommandReader(true)
  reader.push(Buffer.from(`t ${text}\r\n`, 'latin1'))
  for (let event = reader.next(); event !== undefined; event = reader.next()) if (event.kind === 'command') return event
  return undefined
}

function answerTo({ name, args }: Command, mailbox: readonly SearchMessage[]): string {
  const context = {
    exists: mailbox.length,
    lastUid: mailbox.length,
    savedNumbers: NumberSet.empty,
    savedUids: NumberSet.empty,
    nowSeconds: appended,
  }
  const numbers = (messages: readonly SearchMessage[]): number[] => messages.map(({ number }) => number)
  const common = { tag: 't', uid: name.startsWith('UID '), rev2: false, modseq: undefined }
  if (name.endsWith('SEARCH')) {
    const { key, results } = parseSearch(args)
    const program = compileSearch(key, context)
    const found = numbers(mailbox.filter((message) => program.matches(message)))
    return writeSearchAnswer({ ...common, kind: 'SEARCH', found, results }) ?? ''
  }
  if (name.endsWith('SORT')) {
    const { key, results, criteria } = parseSort(args)
    const program = compileSearch(key, context)
    const sorted = sortMessages(
      mailbox.filter((message) => program.matches(message)),
      criteria,
    )
    return writeSearchAnswer({ ...common, kind: 'SORT', found: numbers(sorted), results }) ?? ''
  }
  const { key, algorithm } = parseThread(args)
  const program = compileSearch(key, context)
  const threads = threadMessages(
    mailbox.filter((message) => program.matches(message)),
    algorithm,
  )
  return `THREAD ${writeThreads(threads, ({ number }) => number)}`
}

/** Without what may differ: case, blanks between threads, the tag. */
function plain(answer: string): string {
  return answer
    .toUpperCase()
    .replace(/\(TAG [^)]*\)/, '')
    .replaceAll(') (', ')(')
    .replaceAll(/ +/g, ' ')
    .trim()
}

for (const file of ['golden', 'imaptest']) {
  t.test(file, async (t) => {
    for (const fixture of recordedFixtures(file)) {
      if (!kinds.test(fixture.name) || otherwise.test(fixture.name)) continue
      const mailbox = mailboxOf(fixture)
      for (const { commands = [], untagged = [] } of fixture.groups) {
        const [command] = commands
        if (command === undefined || /^(uid )?(store|expunge|append)/i.test(command.send)) break
        const wanted = untagged.find((line) => /^(e?search|sort|thread)/i.test(line))
        if (wanted === undefined || command.status !== 'OK' || command.send.includes('$')) continue
        const read = commandOf(command.send)
        t.equal(plain(read === undefined ? '' : answerTo(read, mailbox)), plain(wanted), `${fixture.name}: ${command.send}`)
      }
    }
  })
}
