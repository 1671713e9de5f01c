import type { Place } from '../place.ts';

/**
 * Grafana by environment variables. No password exists: there is no admin account unless one is configured. On one machine whoever reaches
 * the loopback port reads. Viewers may explore, so that the links from panel to trace to log work.
 */
export function grafanaEnv(place: Place): Record<string, string> {
  return {
    GF_SERVER_HTTP_ADDR: place.bind,
    GF_SERVER_HTTP_PORT: String(place.port('grafana', 'http')),
    GF_PATHS_DATA: place.data('grafana'),
    GF_AUTH_ANONYMOUS_ENABLED: 'true',
    GF_AUTH_ANONYMOUS_ORG_ROLE: 'Viewer',
    GF_AUTH_ANONYMOUS_HIDE_VERSION: 'true',
    GF_USERS_VIEWERS_CAN_EDIT: 'true',
    GF_USERS_ALLOW_SIGN_UP: 'false',
    GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION: 'true',
    GF_SECURITY_DISABLE_GRAVATAR: 'true',
    GF_SECURITY_COOKIE_SAMESITE: 'strict',
    GF_SECURITY_CONTENT_SECURITY_POLICY: 'true',
    GF_SNAPSHOTS_EXTERNAL_ENABLED: 'false',
    GF_ANALYTICS_REPORTING_ENABLED: 'false',
    GF_ANALYTICS_CHECK_FOR_UPDATES: 'false',
    GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES: 'false',
    GF_PLUGINS_PREINSTALL_DISABLED: 'true',
    GF_NEWS_NEWS_FEED_ENABLED: 'false',
    GF_USERS_DEFAULT_THEME: 'system',
    GF_DATE_FORMATS_DEFAULT_TIMEZONE: 'UTC',
  };
}
