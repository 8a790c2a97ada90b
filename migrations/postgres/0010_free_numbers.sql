-- Numbers that a node of PostgreSQL reserved and did not use: they are used before others are reserved.
CREATE TABLE free_number (
  scope TEXT NOT NULL,
  name TEXT NOT NULL,
  number BIGINT NOT NULL,
  PRIMARY KEY (scope, name, number)
);
