-- Creates the Airflow user and database if they are missing, and sets the password from .env each time.
\getenv password AIRFLOW_DB_PASSWORD
SELECT 'CREATE ROLE airflow LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'airflow') \gexec
SELECT format('ALTER ROLE airflow LOGIN PASSWORD %L', :'password') \gexec
-- UTF8, independent of the default of the server: Airflow stores the text of the DAG.
SELECT 'CREATE DATABASE airflow OWNER airflow ENCODING ''UTF8'' TEMPLATE template0 LC_COLLATE ''C'' LC_CTYPE ''C''' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'airflow') \gexec
