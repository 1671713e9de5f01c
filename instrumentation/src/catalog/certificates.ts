/** What our services say of the certificate by which other parts know them. (P06) */
import { gauge } from './metric.ts';

export const certificateEnd = gauge('certificate.not_after', {
  unit: 's',
  means: 'When the certificate that a part shows to others ends, in seconds since 1970.',
  labels: [],
  source: { id: 'P06' },
  by: 'services',
  needs: 'certificates between the parts',
});
