-- A board shows the share as a percentage; what it means is said in words that hold for both.
comment on column public.wallboard_figures.service_level is
  'The share of the day''s calls that were answered soon enough. Calls that nobody answered count as too late.';
