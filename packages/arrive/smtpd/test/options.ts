import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { Resident } from './scratch/client.ts'
import { ScratchHome } from './scratch/home.ts'

/** Start smtpd where it must fail. @returns its exit code and what it complained */
async function fails(
  t: Test,
  args: readonly string[],
  environment: Record<string, string> = {},
): Promise<{ code: number | null; complaint: string }> {
  const home = new ScratchHome(t)
  const child = spawn(join(home.path, 'bin/smtpd'), args, { env: home.environment(environment), stdio: ['ignore', 'ignore', 'pipe'] })
  t.teardown(() => child.kill('SIGKILL'))
  let complaint = ''
  child.stderr.on('data', (bytes: Buffer) => {
    complaint += bytes.toString()
  })
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, complaint }
}

const somewhere = ['--listen', '127.0.0.1:0']

t.test('smtpd refuses wrong arguments with exit code 100 and one line that names them', async (t) => {
  const cases: [string[], RegExp][] = [
    [['--listen', '25'], /^smtpd: 25 is not an address with a port; write 127\.0\.0\.1:2525 or \[::1\]:2525\n$/],
    [['--no-ptr'], /^smtpd: nowhere to listen; say --listen ADDR:PORT or --listen-tls ADDR:PORT\n$/],
    [[...somewhere, '--bogus'], /^smtpd: Unknown argument: bogus; see smtpd --help\n$/],
    [[...somewhere, '--ready-fd', 'x'], /^smtpd: --ready-fd x: not a descriptor's number\n$/],
    [[...somewhere, '--ready-fd', '99'], /unable to write to descriptor 99, named by --ready-fd: file descriptor not open\n$/],
    [[...somewhere, '--uid', '7'], /uid -> gid; see smtpd --help\n$/],
  ]
  for (const [args, complaint] of cases) {
    const end = await fails(t, args)
    t.equal(end.code, 100, args.join(' '))
    t.match(end.complaint, complaint)
  }
})

t.test('smtpd exits 111 where an address, the home or a control file cannot be had, and says what to do', async (t) => {
  const elsewhere = await fails(t, ['--listen', '192.0.2.1:25'])
  t.equal(elsewhere.code, 111)
  t.match(elsewhere.complaint, /^smtpd: unable to listen on 192\.0\.2\.1:25: .*; it is not an address of this host\n$/)
  const homeless = await fails(t, somewhere, { YABUMI_HOME: '/nonexistent' })
  t.equal(homeless.code, 111)
  t.match(homeless.complaint, /^smtpd: unable to switch to home directory \/nonexistent; make one with config-fast, or set YABUMI_HOME\n$/)
  const nameless = await fails(t, somewhere, { YABUMI_HOME: '/' })
  t.equal(nameless.code, 111)
  t.equal(nameless.complaint, 'smtpd: neither control/smtpgreeting nor control/me exists; config-fast makes them\n')
})

t.test('smtpd becomes another account once its addresses are bound', { skip: process.getuid?.() !== 0 && 'only root can' }, async (t) => {
  const server = new Resident(t, new ScratchHome(t), ['--no-ptr', '--uid', '65534', '--gid', '65533'])
  await server.ready()
  const status = readFileSync(`/proc/${server.process.pid}/status`, 'latin1')
  t.match(status, /Uid:\t65534\t65534\t65534\t65534\nGid:\t65533\t65533\t65533\t65533\n/)
  t.match(status, /Groups:\t65533 \n/)
})

t.test('smtpd does not stay root because it may not change', { skip: process.getuid?.() === 0 && 'root may' }, async (t) => {
  const end = await fails(t, [...somewhere, '--uid', '0', '--gid', '0'])
  t.equal(end.code, 111)
  t.match(end.complaint, /^smtpd: unable to become user 0: permission denied; only root can\n$/)
})
