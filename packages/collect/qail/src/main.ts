/** qail: read the mail of a Maildir with Mail, which knows only mboxes. README.md is the manual page. */
import { byteArguments, runTool } from '@yabumi/commandline'
import { readMail } from '@yabumi/wrapper'

void runTool('qail', () => readMail(['Mail', 'mailx'], byteArguments()))
