/** What each agent may do by its role. */
export const roles: Readonly<Record<string, readonly string[]>> = {
  Director: ['commit', 'deploy'],
  Code: ['write_file', 'run_code'],
  Research: ['search_docs'],
  QA: ['read_file'],
};

/** Whether an agent is given a skill beyond its role for one task. Not every time, as with people who decide it. */
export function isGranted(skill: string, number: number): boolean {
  return skill === 'install_package' && number % 36 !== 14;
}
