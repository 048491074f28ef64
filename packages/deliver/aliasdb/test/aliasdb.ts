import t from 'tap'
import { type AliasCommand, commandsKey, decodeCommands, encodeCommands, ownerKey, targetsOf } from '../src/index.ts'

const commands: readonly AliasCommand[] = [
  { kind: 'forward', text: 'a b@x.y' },
  { kind: 'program', text: 'cat' },
  { kind: 'headed', text: 'cat >x' },
  { kind: 'list', text: '/etc/l.bin' },
  { kind: 'list', text: './l.bin' },
  { kind: 'forward', text: '' },
]

t.test('commands are written as fastforward reads them, and read again', async (t) => {
  const bytes = encodeCommands(commands)
  t.equal(bytes.toString('latin1'), '&a b@x.y\0|cat\0!cat >x\0/etc/l.bin\0./l.bin\0&\0')
  t.same(decodeCommands(bytes), commands)
  t.same(decodeCommands(Buffer.alloc(0)), [])
})

t.test('what is cut short or no command is none', async (t) => {
  t.throws(() => decodeCommands(Buffer.from('&a@b')), { message: 'commands are cut short' })
  for (const text of ['a@b\0', '\0', '&a@b\0x\0'])
    t.throws(() => decodeCommands(Buffer.from(text)), { message: /^there is no command/ }, text)
})

t.test('targets are in small letters, and an address has three', async (t) => {
  t.equal(commandsKey('Joe@Host').toString(), ':joe@host')
  t.equal(ownerKey('Joe@').toString(), '?joe@')
  t.same(targetsOf('a@b@c'), ['a@b@c', '@c', 'a@b@'])
  t.same(targetsOf('joe'), ['joe'])
})
