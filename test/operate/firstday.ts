/** Each command of docs/first-day.md, in name spaces: /etc is a copy there, all ports are free, and no supervisor runs. */
import { join } from 'node:path'
import { runInOwnEtc } from './support/ownetc.ts'

const host = '192.0.2.1' // the example of the page's records
const setUp = `ip link set lo up && ip address add ${host}/32 dev lo && "$@"; exit $?`
const ownHost = ['unshare', '--net', '--pid', '--fork', '--mount-proc', 'sh', '-c', setUp, 'sh']

process.exitCode = runInOwnEtc(join(import.meta.dirname, 'support/page.ts'), ownHost)
