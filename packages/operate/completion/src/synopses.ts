/** How each program is called: the first indented block of its README, line by line. */

/** By the program's name. The build puts it here (packages/workshop/build), so that it cannot differ from the manual pages. */
export const synopses: Readonly<Record<string, { readonly about: string; readonly lines: readonly string[] }>> = {}
