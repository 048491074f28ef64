/** Recipients that find no slot, or whose slot was given back: each is tried once all the same. Reports are this test's. */
import t from 'tap'
import { Home } from './rig/home.ts'
import { Send } from './rig/send.ts'

const born = Math.floor(Date.now() / 1000) - 100
const records = (names: readonly string[]): string => names.map((name) => `T${name}\0`).join('')

/** As rspawn does with domains of one network. @returns whom the next delivery is for; undefined if it was given back */
async function carry(send: Send): Promise<string | undefined> {
  const { delivery, recipient, newcomer } = await send.command('remote')
  send.report('remote', delivery, newcomer === true ? 'N' : 'K', newcomer === true ? '192.0.2.0/24' : '')
  return newcomer === true ? undefined : recipient
}

t.test('of one message to thousands at one domain and at thousands of one network each is delivered to once', async (t) => {
  const home = new Home({ concurrencyremote: '20\n' })
  const names = Array.from({ length: 1_300 }, (_, n) => [`u${n}@big.test`, `u@d${n}.test`]).flat()
  home.stock('a@b.test', { remote: records(names) }, born)
  const start = performance.now()
  const send = new Send(home)
  const seen: string[] = []
  let back = 0
  while (seen.length < names.length) {
    const recipient = await carry(send)
    if (recipient === undefined) back += 1
    else seen.push(recipient)
  }
  const rests = (performance.now() - start) / 20
  await send.logged(/^end msg/)
  t.same(seen.toSorted(), names.toSorted())
  t.ok(back <= 4 * (rests + 1), `the last four were given away ${back} times in ${rests} rests`)
  t.equal(await send.stop(), 0)
  home.remove()
})

t.test('a message whose file is in trouble is not done when what was given back is', async (t) => {
  const home = new Home({ concurrencyremote: '20\n' })
  const names = Array.from({ length: 17 }, (_, n) => `u@d${n}.test`)
  const id = home.stock('a@b.test', { remote: `${records(names)}X\0Tlast@d.test\0` }, born)
  const send = new Send(home)
  await send.logged(/^warning: unknown record type/)
  for (let count = 0; count < names.length; ) if ((await carry(send)) !== undefined) count += 1
  await send.logged(/^delivery 18: success/)
  t.equal(await send.stop(), 0)
  t.match(home.file('remote', id), /Tlast@d\.test/)
  t.notMatch(send.log, /^end msg/m)
  home.remove()
})
