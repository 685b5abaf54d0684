-- Runs once, when the cluster is new: one owner and one database each, closed to everybody else. The
-- application is somebody else than the owner: it cannot rewrite what is kept for ever.
\getenv sendalong_password SENDALONG_DATABASE_PASSWORD
\getenv application_password SENDALONG_APPLICATION_PASSWORD
\getenv temporal_password TEMPORAL_DATABASE_PASSWORD

CREATE ROLE sendalong LOGIN PASSWORD :'sendalong_password';
SELECT 'CREATE ROLE sendalong_application'
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'sendalong_application') \gexec
ALTER ROLE sendalong_application LOGIN PASSWORD :'application_password';
CREATE ROLE temporal LOGIN PASSWORD :'temporal_password';

CREATE DATABASE sendalong OWNER sendalong TEMPLATE template0 ENCODING 'UTF8';
CREATE DATABASE temporal OWNER temporal TEMPLATE template0 ENCODING 'UTF8';
CREATE DATABASE temporal_visibility OWNER temporal TEMPLATE template0 ENCODING 'UTF8';

REVOKE ALL ON DATABASE sendalong, temporal, temporal_visibility FROM PUBLIC;
GRANT CONNECT ON DATABASE sendalong TO sendalong_application;
