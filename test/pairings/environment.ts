/** tcp-env says of a connection what tcpserver says of the same one. */
import { connect } from 'node:net'
import t from 'tap'
import { startTcpserver } from '../peers/support/tcpserver.ts'
import { ScratchHome } from '../support/home.ts'
import { missing } from '../support/programs.ts'

/** Under tcpserver: what it has set; then, without that, what tcp-env sets. */
const program = `show() { env | grep '^\\(PROTO\\|TCP\\)' | sort; echo .; }
show
exec env -i PATH="$PATH" YABUMI_HOME="$YABUMI_HOME" bin/tcp-env -R sh -c "env | grep '^\\(PROTO\\|TCP\\)' | sort; echo ."`

t.test('tcp-env sets what tcpserver sets', { skip: missing('tcpserver') }, async (t) => {
  const home = await ScratchHome.make(t)
  home.control('resolvers', '# nobody\n') // and so no names, as with tcpserver -H
  const { port } = await startTcpserver(t, home, [], ['sh', '-c', program])
  let said = ''
  for await (const bytes of connect({ port, host: '127.0.0.1', localAddress: '127.0.0.9' })) said += String(bytes)
  const [theirs = '', ours = ''] = said.split('.\n').map((text) => text.replace(/^TCP(?:LOCAL|REMOTE)HOST=.*\n/gm, ''))
  t.match(theirs, /^PROTO=TCP\nTCPLOCALIP=127\.0\.0\.1\nTCPLOCALPORT=\d+\nTCPREMOTEIP=127\.0\.0\.9\nTCPREMOTEPORT=\d+\n$/)
  t.equal(ours, theirs)
})
