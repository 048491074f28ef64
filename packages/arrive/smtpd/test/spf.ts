/** SPF at MAIL: control/spfbehavior and the files that go with it. */
import t from 'tap'
import { askingHome, bringing, host, sendingAddress, stranger } from './scratch/authored.ts'
import { oneShot } from './scratch/bothways.ts'
import type { ScratchHome } from './scratch/home.ts'

const text = 'From: Joe <joe@example.com>\n\nHello.\n'
const zone = {
  'soft.example': { TXT: ['v=spf1 ~all'] },
  'neutral.example': { TXT: ['v=spf1 ?all'] },
  'wrong.example': { TXT: ['v=spf1 nonsense'] },
  'silent.example': 'SERVFAIL',
  'never.example': { TXT: ['v=spf1 -all'] },
  'saying.example': { TXT: ['v=spf1 -all exp=why.example'] },
  'why.example': { TXT: ['%{i} is not ours'] },
} as const

/** @returns the reply to MAIL */
async function mail(home: ScratchHome, domain: string, environment: Record<string, string> = stranger): Promise<string> {
  const replies = await oneShot(home, bringing(text, `joe@${domain}`), environment)
  return replies.split('\r\n').find((_line, index, all) => all[index - 1]?.startsWith('250 ') && index > 1) ?? ''
}

const refused = (domain: string, why: string): string => `550 SPF says 198.51.100.9 may not send for ${domain}: ${why} (#5.7.23)`

t.test('what is refused depends on spfbehavior', async (t) => {
  const home = await askingHome(t, {}, zone)
  const results = {
    'example.com': 3,
    'soft.example': 4,
    'neutral.example': 5,
    'nothing.example': 6,
    'wrong.example': 6,
    'silent.example': 2,
  }
  for (let behavior = 0; behavior <= 6; behavior += 1) {
    home.control('spfbehavior', `${behavior}\n`)
    for (const [domain, from] of Object.entries(results)) {
      const code = behavior < from ? '250' : domain === 'silent.example' ? '451' : '550'
      t.equal((await mail(home, domain)).slice(0, 3), code, `${domain} at ${behavior}`)
    }
    t.match(await mail(home, 'example.com', { TCPREMOTEIP: sendingAddress }), /^250/)
  }
  home.control('spfbehavior', '3\n')
  t.equal(await mail(home, 'example.com'), refused('example.com', 'its record says fail'))
  t.equal(await mail(home, 'saying.example'), refused('saying.example', '198.51.100.9 is not ours'))
  home.control('spfexp', 'see our page\n')
  t.equal(await mail(home, 'example.com'), refused('example.com', 'see our page'))
  t.match(await mail(home, 'example.com', { ...stranger, RELAYCLIENT: '' }), /^250/)
  t.match(await mail(home, 'example.com', { ...stranger, SPFBEHAVIOR: '1' }), /^250/)
  home.control('spfskip', '198.51.100.0/24\n')
  t.match(await mail(home, 'example.com'), /^250/)
})

t.test('rules of the operator save, and a guess counts where there is no record', async (t) => {
  const home = await askingHome(t, { spfbehavior: '6\n' }, zone)
  t.match(await mail(home, 'example.com'), /^550/)
  home.control('spfrules', 'ip4:198.51.100.9\n')
  t.match(await mail(home, 'example.com'), /^250/)
  t.match(await mail(home, 'nothing.example'), /^550/)
  home.control('spfguess', 'ip4:198.51.100.0/24\n')
  t.match(await mail(home, 'nothing.example'), /^250/)
})

t.test('a domain for which nobody sends sends nothing', async (t) => {
  const home = await askingHome(t, {}, zone)
  t.match(await mail(home, 'never.example'), /^250/)
  home.control('spfnullreject', '1\n')
  t.match(await mail(home, 'never.example'), /^550 SPF says /)
  t.match(await mail(home, 'example.com'), /^250/)
})

t.test('Received-SPF stands on top, above Received and below other results', async (t) => {
  const home = await askingHome(t, { spfbehavior: '1\n' }, zone)
  await mail(home, 'example.com')
  const field = 'Received-SPF: fail (-all)\n\tclient-ip=198.51.100.9;\n\tenvelope-from="joe@example.com";\n\thelo="mail.example.com";\n'
  const rest = `\treceiver=${host};\n\tidentity=mailfrom\n`
  t.ok(home.queued().at(-1)?.message.startsWith(`${field}${rest}Received: from `))
  home.control('authcheck', '1\n')
  await mail(home, 'example.com')
  t.match(
    home.queued().at(-1)?.message,
    /^Authentication-Results: .*\n\tspf=fail [\s\S]*\n\tarc=none\nReceived-SPF: fail [\s\S]*\nReceived: from /,
  )
})
