// Words used by the small shared components and on more than one page.
export const commonText = {
  close: 'Close',
  cancel: 'Cancel',
  back: 'Back',
  copyReport: 'Copy report',
  copied: 'Copied',
  technicalDetails: 'Technical details',
  whatToDo: 'What to do',
  reference: (ref: string) => `Reference ${ref}`,
  levels: { good: 'Good', info: 'To know', warning: 'Warning', stop: 'Stop', bad: 'Problem' },
} as const

/** An error as text for a mail to whoever can help: what, what to do, and the code. */
export function errorReport(error: { code: string; message: string; remedy: string; ref?: string | undefined }): string {
  const reference = error.ref === undefined ? '' : `\n${commonText.reference(error.ref)}`
  return `Latiscope: ${error.message}\n${commonText.whatToDo}: ${error.remedy}\n${error.code}${reference}\n`
}
