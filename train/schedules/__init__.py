"""How much noise there is when: discrete schedules, flows, guidance, weights of losses."""
