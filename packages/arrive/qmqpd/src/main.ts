/**
 * qmqpd: receive one message by QMQP on descriptors 0 and 1. README.md is the manual page.
 *
 * Trust   takes mail for everybody from whoever reaches it: access control is tcpserver's
 */
import { byteEnvironment } from '@yabumi/commandline'
import { enterHome } from '@yabumi/home'
import { netstring } from '@yabumi/netstring'
import { serveNetstrings } from '@yabumi/netstringserver'
import { endsOf } from '@yabumi/received'
import { takeRequest } from './request.ts'

serveNetstrings(async (requests, answer) => {
  enterHome()
  answer(netstring(await takeRequest(requests, endsOf(byteEnvironment()))))
})
