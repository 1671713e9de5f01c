/**
 * Options that npm takes for its own where no `--` stands before them: `npm run monitor cleanup 30 --dry-run` comes here as
 * `cleanup 30`, and would delete. npm leaves them in the environment (https://docs.npmjs.com/cli/v11/using-npm/config).
 */
export function npmOptions(env: NodeJS.ProcessEnv): { dryRun?: true; json?: true } {
  if (env.npm_lifecycle_event !== 'monitor') return {};
  return {
    ...(env.npm_config_dry_run === 'true' && { dryRun: true }),
    ...(env.npm_config_json === 'true' && { json: true }),
  };
}
