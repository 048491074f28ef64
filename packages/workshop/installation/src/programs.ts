/**
 * The files of an installation outside its home: programs, their Node, manual pages, documents, the link of sendmail.
 */
import { existsSync, globSync, lstatSync, readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs'
import { basename, join } from 'node:path'
import { pagesOf } from '@yabumi/manual'
import { type Places, placesOf, type Settings } from './settings.ts'

/** One file. Everything belongs to root, or to the caller who is not. */
export type Item = { readonly path: string } & (
  | { readonly kind: 'copy'; readonly source: string; readonly mode: number }
  | { readonly kind: 'text'; readonly text: string; readonly mode: number }
  | { readonly kind: 'link'; readonly target: string }
)

/** Programs whose names have no prefix in qmail, or no counterpart that scripts would call. */
const plainNames = new Set(
  [
    ['bouncesaying', 'condredirect', 'except', 'forward', 'preline', 'qbiff', 'qreceipt', 'qsmhook', 'srsfilter'],
    ['datemail', 'mailsubj', 'predate', 'sendmail', 'tcp-env', 'checkpassword', 'splogger', 'config', 'config-fast'],
    [
      'authd',
      'elq',
      'fetchbox',
      'imap',
      'imapd',
      'maildir2mbox',
      'maildirmake',
      'maildirwatch',
      'pinq',
      'qail',
      'recipientd',
      'sessiond',
      'sessionlog',
    ],
  ].flat(),
)
const documents = ['README.md', 'CONTRIBUTING.md', 'INTERNALS.md', 'CHANGES.md', 'SECURITY.md', 'LICENSE']
/** For fail2ban, as its directories have them. */
const fail2ban = ['filter.d/yabumi.conf', 'jail.d/yabumi.conf']
/** The thin programs compiled ahead, where make native has made it. */
const native = 'native'
/**
 * Pages that packages of Debian have under the same name and section: daemontools, postfix, sendmail, courier, mailutils, and the base. Ours are
 * yabumi-service(8) and so on, whether those are installed or not.
 */
const othersPages = new Set(['local', 'maildirmake', 'pop3d', 'qmqpd', 'sendmail', 'service', 'smtpd', 'supervise'])

/** Names that a program has besides its own. */
export function otherNames(program: string, { namePrefix }: Settings): string[] {
  return namePrefix === '' || plainNames.has(program) || program.startsWith('.') ? [] : [`${namePrefix}${program}`]
}

/** Everything in lib/: the launchers under all their names, the bundles, Node, and the one library that is no part of them. */
export function libraryItems(settings: Settings): Item[] {
  const { checkout } = settings
  const { lib } = placesOf(settings)
  const launchers = readdirSync(join(checkout, 'bin')).flatMap((name): Item[] => {
    const source = join(checkout, 'bin', name)
    if (lstatSync(source).isSymbolicLink()) return [{ kind: 'link', path: join(lib, 'bin', name), target: readlinkSync(source) }]
    return [name, ...otherNames(name, settings)].map((each) => ({ kind: 'copy', path: join(lib, 'bin', each), source, mode: 0o755 }))
  })
  const bundles = readdirSync(join(checkout, 'dist')).filter((name) => /\.(cjs|code)$/.test(name) || name === native)
  return [
    ...launchers,
    ...bundles.map(
      (name): Item => ({
        kind: 'copy',
        path: join(lib, 'dist', name),
        source: join(checkout, 'dist', name),
        mode: name === native ? 0o755 : 0o644,
      }),
    ),
    ...(settings.namePrefix === ''
      ? []
      : [{ kind: 'text', path: join(lib, 'dist/nameprefix'), text: `${settings.namePrefix}\n`, mode: 0o644 } as const]),
    { kind: 'copy', path: join(lib, '.runtime/node'), source: realpathSync(join(checkout, '.runtime/node')), mode: 0o755 },
    ...koffiItems(join(checkout, 'node_modules'), join(lib, 'node_modules')),
  ]
}

/** What koffi loads at run time: its own modules and the binary made for this machine. */
function koffiItems(from: string, to: string): Item[] {
  const own = ['package.json', 'LICENSE.txt', ...globSync('**/*.cjs', { cwd: join(from, 'koffi') })].map((name) => `koffi/${name}`)
  const scope = '@koromix'
  const binaries = readdirSync(join(from, scope)).flatMap((name) =>
    readdirSync(join(from, scope, name), { recursive: true, encoding: 'utf8' }).map((file) => `${scope}/${name}/${file}`),
  )
  const files = [...own, ...binaries].filter((file) => lstatSync(join(from, file)).isFile())
  return files.map((file) => ({ kind: 'copy', path: join(to, file), source: join(from, file), mode: 0o644 }))
}

/** Everything in share/: manual pages and documents, with samples of the settings, and what fail2ban needs; and the link of sendmail. */
export function sharedItems(settings: Settings): Item[] {
  const { checkout } = settings
  const places = placesOf(settings)
  const samples = readdirSync(join(checkout, 'control')).filter((name) => name.endsWith('.sample') || name === 'README.md')
  const texts = [
    ...documents,
    ...globSync('docs/**/*.md', { cwd: checkout }),
    ...samples.map((name) => `control/${name}`),
    'queue/README.md',
  ]
  return [
    ...sendmailItems(settings, places),
    ...pageItems(settings, places),
    ...texts
      .filter((name) => existsSync(join(checkout, name)))
      .map((name): Item => ({ kind: 'copy', path: join(places.doc, name), source: join(checkout, name), mode: 0o644 })),
    ...fail2ban.map((name): Item => {
      const source = join(checkout, 'packages/operate/service/fail2ban', name)
      return { kind: 'copy', path: join(places.doc, 'fail2ban', name), source, mode: 0o644 }
    }),
  ]
}

/** Under names that hide nobody's pages, the same on every machine. */
function pageItems(settings: Settings, { man }: Places): Item[] {
  return pagesOf(settings.checkout).flatMap(({ name, section, text }): Item[] => {
    const own = othersPages.has(name) ? `yabumi-${name}` : name
    const path = (each: string): string => join(man, `man${section}`, `${each}.${section}`)
    const others = otherNames(name, settings).filter(() => section === 8)
    return [
      { kind: 'text', path: path(own), text, mode: 0o644 },
      ...others.map((each): Item => ({ kind: 'link', path: path(each), target: basename(path(own)) })),
    ]
  })
}

/** The link by which programs of the system send mail, usually /usr/sbin/sendmail: where it was asked for, now or by an earlier installation. */
function sendmailItems({ sendmail, destdir, home }: Settings, places: Places): Item[] {
  const recorded = recordedPaths(places).find((path) => basename(path) === 'sendmail')
  const path = sendmail || recorded
  return path === undefined ? [] : [{ kind: 'link', path: `${destdir}${path}`, target: join(home, 'bin/sendmail') }]
}

/** The paths that an earlier installation has written outside lib/, without DESTDIR. */
export function recordedPaths({ manifest }: Places): string[] {
  return existsSync(manifest)
    ? readFileSync(manifest, 'utf8')
        .split('\n')
        .filter((line) => line.startsWith('/'))
    : []
}
