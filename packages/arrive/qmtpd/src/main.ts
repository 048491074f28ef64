/**
 * qmtpd: receive mail by QMTP, one connection on descriptors 0 and 1. README.md is the manual page.
 *
 * Trust   believes neither the client nor its environment's addresses: every recipient is checked against
 *         control/rcpthosts
 */
import { readAdmission } from '@yabumi/admission'
import { byteEnvironment } from '@yabumi/commandline'
import { enterHome } from '@yabumi/home'
import { serveNetstrings } from '@yabumi/netstringserver'
import { endsOf } from '@yabumi/received'
import { takePackage } from './package.ts'

serveNetstrings(async (requests, answer) => {
  enterHome()
  const environment = byteEnvironment()
  const policy = { admission: readAdmission(environment), ends: endsOf(environment) }
  for (;;) answer(await takePackage(requests, policy)) // the client's end ends this, as an error
})
