/** Constant databases: tinycdb and tcprules read what our programs write, and our programs read what those write. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { makeCdb } from '../../packages/formats/cdb/src/index.ts'
import { CdbFile } from '../../packages/system/cdbfile/src/index.ts'
import { Dialogue, smtpReply } from '../support/dialogue.ts'
import { hostName, ScratchHome, userAccount } from '../support/home.ts'
import { missing } from '../support/programs.ts'
import { arrived, runPeer, workplace } from './support/peer.ts'
import { tcprules } from './support/tcpserver.ts'

const home = await ScratchHome.make(t, 'joe', 'ann')
const running = await home.supervise()
const place = workplace(home, 'place')
const noTinycdb = missing('cdb')

type Records = readonly (readonly [key: string, data: string])[]

/** Records as cdb(1) dumps and takes them. */
function text(records: Records): string {
  return `${records.map(([key, data]) => `+${key.length},${data.length}:${key}->${data}\n`).join('')}\n`
}

function dump(file: string): Promise<string> {
  return runPeer(place, 'cdb', ['-d', file])
}

/** Have tinycdb make a file, and put it in its place in one go, as cdb(1) does. */
async function make(file: string, records: Records): Promise<void> {
  await runPeer(place, 'cdb', ['-c', '-p', '0644', '-t', `${file}.new`, file], { input: text(records) })
}

t.test('users/cdb', { skip: noTinycdb }, async (t) => {
  const file = join(home.directory, 'users/cdb')
  const { uid, gid } = userAccount

  await t.test('newu writes what tinycdb dumps, and the very bytes that tinycdb makes of that', async (t) => {
    const assign = join(home.directory, 'users/assign')
    const kept = readFileSync(assign, 'latin1')
    const many = Array.from({ length: 300 }, (_, n) => n)
    const lines = [
      '=Joe.User:joe:1001:1002:/home/joe:::',
      '+list-:joe:1001:1002:/home/joe:-:pre-:',
      '=caf\xe9:joe:1:2:/h::x:',
      '+:alias:3:4:/a:-::',
    ]
    writeFileSync(assign, [...lines, ...many.map((n) => `=user${n}:u${n}:${n}:${n}:/home/u${n}:::`), '.', ''].join('\n'), 'latin1')
    await home.run('newu')
    const expected: Records = [
      ['!joe.user\0', 'joe\x001001\x001002\0/home/joe\0\0'],
      ['!list-', 'joe\x001001\x001002\0/home/joe\0-\0pre-'],
      ['!caf\xe9\0', 'joe\x001\x002\0/h\0\0x'],
      ['!', 'alias\x003\x004\0/a\0-\0'],
      ...many.map((n): [string, string] => [`!user${n}\0`, `u${n}\0${n}\0${n}\0/home/u${n}\0\0`]),
      ['', '-'],
    ]
    t.equal(await dump(file), text(expected))
    await make(join(place, 'same.cdb'), expected)
    t.ok(readFileSync(file).equals(readFileSync(join(place, 'same.cdb'))))
    writeFileSync(assign, kept, 'latin1')
    await home.run('newu')
  })

  await t.test('lspawn delivers as a table of tinycdb says, from the next delivery on', async (t) => {
    await home.inject([`joe@${hostName}`], 'Subject: by the table of newu\n\nx\n')
    await arrived(home, 'joe', 'Subject: by the table of newu\n')
    home.userFile('ann', '.qmail-from-table', './Maildir/\n')
    const account = `ann\0${uid}\0${gid}\0${home.userHome('ann')}\0`
    await make(file, [
      ['!joe\0', `${account}\0`],
      ['!dora-', `${account}-\0from-`],
      ['', '-'],
    ])
    await home.inject([`JOE@${hostName}`], 'Subject: now for ann\n\nx\n')
    await home.inject([`dora-table@${hostName}`], 'Subject: by a wildcard\n\nx\n')
    t.match(await arrived(home, 'ann', 'Subject: now for ann\n'), `\nDelivered-To: JOE@${hostName}\n`)
    t.match(await arrived(home, 'ann', 'Subject: by a wildcard\n'), `\nDelivered-To: dora-table@${hostName}\n`)
    await home.assign()
  })
})

t.test('control/morercpthosts.cdb', { skip: noTinycdb }, async (t) => {
  const file = join(home.directory, 'control/morercpthosts.cdb')
  const reply = async (recipient: string): Promise<string> => {
    const smtp = await Dialogue.open(running.smtpPort, smtpReply)
    await smtp.say('MAIL FROM:<a@client.example>', smtpReply)
    const said = await smtp.say(`RCPT TO:<${recipient}>`, smtpReply)
    await smtp.say('QUIT', smtpReply)
    smtp.close()
    return said
  }

  await t.test('newmrh writes what tinycdb dumps', async (t) => {
    home.control('morercpthosts', 'One.Example\n# no\n\n.two.example\n')
    await home.run('newmrh')
    t.equal(
      await dump(file),
      text([
        ['one.example', ''],
        ['.two.example', ''],
      ]),
    )
  })

  await t.test('smtpd takes mail for the domains of a table of tinycdb, from the next recipient on', async (t) => {
    t.match(await reply('a@ONE.example'), /^250 /)
    t.match(await reply('a@three.example'), /^553 /)
    await make(file, [
      ['three.example', ''],
      ['.four.example', ''],
    ])
    t.match(await reply('a@one.example'), /^553 /)
    t.match(await reply('a@three.example'), /^250 /)
    t.match(await reply('a@deep.in.four.example'), /^250 /)
  })
})

t.test('tcprules', { skip: missing('tcprules', 'tcprulescheck') }, async (t) => {
  await t.test('its tables are read by package cdb', async (t) => {
    const file = await tcprules(place, '127.:allow,RELAYCLIENT="",DATABYTES="5"', '10.1-2.:deny', ':allow')
    const table = new CdbFile(file)
    const find = (key: string) => table.find(Buffer.from(key))?.toString('latin1')
    t.same(['127.', '10.1.', '10.2.', '', '10.3.'].map(find), ['+RELAYCLIENT=\0+DATABYTES=5\0', 'D\0', 'D\0', '', undefined])
    table.close()
  })

  await t.test('tcprulescheck reads a table of package cdb', async (t) => {
    const file = join(place, 'ours.cdb')
    writeFileSync(
      file,
      makeCdb(
        [
          ['127.', '+RELAYCLIENT=\0'],
          ['', 'D\0'],
        ].map(([key = '', data = '']) => [Buffer.from(key), Buffer.from(data)]),
      ),
    )
    const check = (ip: string) => runPeer(place, 'tcprulescheck', [file], { env: { TCPREMOTEIP: ip } })
    t.equal(await check('127.0.0.1'), 'rule 127.:\nset environment variable RELAYCLIENT=\nallow connection\n')
    t.equal(await check('192.0.2.1'), 'rule :\ndeny connection\n')
  })
})
