/**
 * datemail: sendmail run by predate, so that the message has a Date field in local time. README.md is the manual page.
 */
import { byteArguments, runTool } from '@yabumi/commandline'
import { programPath } from '@yabumi/home'
import { become } from '@yabumi/wrapper'

void runTool('datemail', () => become([programPath('predate')], [programPath('sendmail'), ...byteArguments()]))
