-- Airflow's user and database, made if they are missing; the password is set anew each time, as .env has it.
\getenv password AIRFLOW_DB_PASSWORD
SELECT 'CREATE ROLE airflow LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'airflow') \gexec
SELECT format('ALTER ROLE airflow LOGIN PASSWORD %L', :'password') \gexec
-- UTF8 whatever the server's own default is: Airflow stores the DAG's text.
SELECT 'CREATE DATABASE airflow OWNER airflow ENCODING ''UTF8'' TEMPLATE template0 LC_COLLATE ''C'' LC_CTYPE ''C''' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'airflow') \gexec
