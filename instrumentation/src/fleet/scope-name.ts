/** This package: the instrumentation scope of what it records itself. A test holds both against package.json. */
export const scopeName = '@fleetscope/instrumentation';

export const scopeVersion = '0.1.0';
