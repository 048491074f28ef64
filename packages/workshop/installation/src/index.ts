/** Install the system apart from its checkout, look after what is installed, take it away. */

export { installationProblems } from './check.ts'
export { absentSettings, hasSendmail, install } from './install.ts'
export type { Settings } from './settings.ts'
export { uninstall } from './uninstall.ts'
