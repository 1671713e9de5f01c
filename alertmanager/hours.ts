/** When people are asleep, off, at work. An alert that is muted now is told when the hours end, if it still holds. */

/** Of all times below, e.g. `Europe/Berlin`. */
const location = 'UTC';

export const quietHours = {
  name: 'quiet-hours',
  time_intervals: [
    // An interval cannot pass midnight.
    {
      times: [
        { start_time: '22:00', end_time: '24:00' },
        { start_time: '00:00', end_time: '07:00' },
      ],
      location,
    },
  ],
};

export const weekends = { name: 'weekends', time_intervals: [{ weekdays: ['saturday', 'sunday'], location }] };

export const businessHours = {
  name: 'business-hours',
  time_intervals: [{ weekdays: ['monday:friday'], times: [{ start_time: '08:00', end_time: '18:00' }], location }],
};
