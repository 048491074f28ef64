/** pinq: read the mail of a Maildir with pine, which knows only mboxes. README.md is the manual page. */
import { byteArguments, runTool } from '@yabumi/commandline'
import { readMail } from '@yabumi/wrapper'

void runTool('pinq', () => readMail(['pine', 'alpine'], byteArguments()))
