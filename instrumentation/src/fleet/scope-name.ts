/** The instrumentation scope of everything the fleet API records. */
export const scopeName = '@fleetscope/instrumentation';

export const scopeVersion = '0.1.0';
