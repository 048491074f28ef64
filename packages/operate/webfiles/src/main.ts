/** webfiles: hand out the few fixed files of a mail host by HTTP. README.md is the manual page. */
import { byteEnvironment, commandLine, readyDescriptor, run } from '@yabumi/commandline'
import { enterHome } from '@yabumi/home'
import { doorsOf } from '@yabumi/listener'
import { Trouble } from '@yabumi/trouble'
import { serveFiles } from './serve.ts'

void run('webfiles', async () => {
  const argv = (await commandLine('webfiles', '[--listen ADDR:PORT]... [--listen-tls ADDR:PORT]... [--ready-fd N]'))
    .option('listen', { type: 'string', array: true, requiresArg: true, default: [], describe: '127.0.0.1:8080 or [::1]:8080' })
    .option('listen-tls', { type: 'string', array: true, requiresArg: true, default: [], describe: 'the same, where TLS begins at once' })
    .option('ready-fd', { type: 'string', requiresArg: true, describe: 'gets a line end once every address accepts' })
    .parseSync()
  const [extra] = argv._
  if (extra !== undefined) throw new Trouble('5.5.4', `${extra}: no such argument; see webfiles --help`)
  const doors = doorsOf(argv.listen, argv['listen-tls'])
  const readyFd = readyDescriptor(argv['ready-fd'])
  enterHome()
  await serveFiles(doors, readyFd, byteEnvironment())
}).then(() => process.exit())
