-- A node's database of schema 1, as Recarga wrote it before it knew trips.
BEGIN TRANSACTION;
CREATE TABLE charging_point (
	id VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	lat FLOAT, 
	lon FLOAT, 
	address VARCHAR, 
	max_power_w INTEGER NOT NULL, 
	connector VARCHAR, 
	connector_label VARCHAR, 
	price_per_kwh_minor INTEGER NOT NULL, 
	currency VARCHAR NOT NULL, 
	terms TEXT NOT NULL, 
	maintenance BOOLEAN NOT NULL, 
	fault VARCHAR, 
	file_digest VARCHAR, 
	changed_ms BIGINT NOT NULL, 
	updated_ms BIGINT NOT NULL, 
	epoch BIGINT NOT NULL, 
	seq BIGINT NOT NULL, 
	PRIMARY KEY (id)
)
 WITHOUT ROWID

;
INSERT INTO "charging_point" VALUES('server1.a','Praça <b>& 東',-8.063,-34.871,'Rua ''da'' "Aurora"',50000,'CHADEMO','CHAdeMO',189,'EUR','{"cancel_until_s":0,"early_start_s":900,"no_show_s":60,"late_stop_s":600,"min_window_s":300,"max_window_s":86400,"horizon_s":7776000}',0,NULL,'abc',1800000000000,1800000900000,1,11);
INSERT INTO "charging_point" VALUES('server1.b','Cais',-8.063,-34.871,'Rua ''da'' "Aurora"',50000,'CHADEMO','CHAdeMO',189,'EUR','{"cancel_until_s":0,"early_start_s":900,"no_show_s":60,"late_stop_s":600,"min_window_s":300,"max_window_s":86400,"horizon_s":7776000}',1,NULL,'abc',1800000900001,1800000900001,1,2);
CREATE TABLE idempotency_key (
	id INTEGER NOT NULL, 
	"key" VARCHAR NOT NULL, 
	fingerprint VARCHAR NOT NULL, 
	status INTEGER NOT NULL, 
	body TEXT NOT NULL, 
	location VARCHAR, 
	epoch BIGINT, 
	seq BIGINT, 
	created_ms BIGINT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "idempotency_key" VALUES(1,'k1','Reserve ana',201,'{"id":"server1.a.r1-2"}','/v1/reservations/server1.a.r1-2',1,2,1800000000000);
INSERT INTO "idempotency_key" VALUES(2,'k2','Cancel',409,'{"detail":"ü"}',NULL,1,4,1800000000002);
CREATE TABLE journal (
	ver INTEGER NOT NULL, 
	node VARCHAR NOT NULL, 
	epoch BIGINT NOT NULL, 
	point_id VARCHAR NOT NULL, 
	point_seq BIGINT NOT NULL, 
	type VARCHAR NOT NULL, 
	at_ms BIGINT NOT NULL, 
	data TEXT NOT NULL, 
	PRIMARY KEY (ver)
);
INSERT INTO "journal" VALUES(1,'server1',1,'server1.a',1,'point.created',1800000000000,'{"spec":{"name":"Praça <b>& 東","location":{"lat":-8.063,"lon":-34.871,"address":"Rua ''da'' \"Aurora\""},"max_power_w":50000,"connector":"CHADEMO","price_per_kwh_minor":189,"currency":"EUR","terms":{"cancel_until_s":0,"early_start_s":900,"no_show_s":60,"late_stop_s":600,"min_window_s":300,"max_window_s":86400,"horizon_s":7776000},"connector_label":"CHAdeMO","file_digest":"abc"}}');
INSERT INTO "journal" VALUES(2,'server1',1,'server1.a',2,'reservation.reserved',1800000000000,'{"reservation_id":"server1.a.r1-2","driver_id":"ana","start_ms":1800003600000,"end_ms":1800007200000,"price_per_kwh_minor":189,"currency":"EUR","created_ms":1800000000000}');
INSERT INTO "journal" VALUES(3,'server1',1,'server1.a',3,'reservation.reserved',1800000000000,'{"reservation_id":"server1.a.r1-3","driver_id":"rui","start_ms":1800010800000,"end_ms":1800014400000,"price_per_kwh_minor":189,"currency":"EUR","created_ms":1800000000000}');
INSERT INTO "journal" VALUES(4,'server1',1,'server1.a',4,'reservation.released',1800000000001,'{"reservation_id":"server1.a.r1-3","status":"CANCELED","released_ms":1800000000001,"reason":"driver"}');
INSERT INTO "journal" VALUES(5,'server1',1,'server1.a',5,'reservation.reserved',1800000000002,'{"reservation_id":"server1.a.r1-5","driver_id":"eva","start_ms":1800000000002,"end_ms":1800000900000,"price_per_kwh_minor":189,"currency":"EUR","created_ms":1800000000002}');
INSERT INTO "journal" VALUES(6,'server1',1,'server1.a',6,'session.started',1800000000002,'{"session_id":"server1.a.s1-6","reservation_id":"server1.a.r1-5","driver_id":"eva","start_ms":1800000000002,"max_power_w":50000,"max_energy_wh":null,"price_per_kwh_minor":189,"currency":"EUR"}');
INSERT INTO "journal" VALUES(7,'server1',1,'server1.a',7,'session.stopped',1800000720000,'{"session_id":"server1.a.s1-6","reservation_id":"server1.a.r1-5","status":"COMPLETED","reservation_status":"FULFILLED","end_ms":1800000720000,"energy_wh":3000,"cost_minor":567,"reason":"driver"}');
INSERT INTO "journal" VALUES(8,'server1',1,'server1.a',8,'reservation.reserved',1800000720002,'{"reservation_id":"server1.a.r1-8","driver_id":"eva","start_ms":1800000720002,"end_ms":1800001800000,"price_per_kwh_minor":189,"currency":"EUR","created_ms":1800000720002}');
INSERT INTO "journal" VALUES(9,'server1',1,'server1.a',9,'session.started',1800000720002,'{"session_id":"server1.a.s1-9","reservation_id":"server1.a.r1-8","driver_id":"eva","start_ms":1800000720002,"max_power_w":50000,"max_energy_wh":90000,"price_per_kwh_minor":189,"currency":"EUR"}');
INSERT INTO "journal" VALUES(10,'server1',1,'server1.a',10,'session.metered',1800000900000,'{"session_id":"server1.a.s1-9","energy_wh":1000,"metered_ms":1800000900000}');
INSERT INTO "journal" VALUES(11,'server1',1,'server1.a',11,'reservation.reserved',1800000900000,'{"reservation_id":"server1.a.r1-11","driver_id":"lia","start_ms":1800018000000,"end_ms":1800021600000,"price_per_kwh_minor":189,"currency":"EUR","created_ms":1800000900000}');
INSERT INTO "journal" VALUES(12,'server1',1,'server1.b',1,'point.created',1800000900000,'{"spec":{"name":"Praça <b>& 東","location":{"lat":-8.063,"lon":-34.871,"address":"Rua ''da'' \"Aurora\""},"max_power_w":50000,"connector":"CHADEMO","price_per_kwh_minor":189,"currency":"EUR","terms":{"cancel_until_s":0,"early_start_s":900,"no_show_s":60,"late_stop_s":600,"min_window_s":300,"max_window_s":86400,"horizon_s":7776000},"connector_label":"CHAdeMO","file_digest":"abc"}}');
INSERT INTO "journal" VALUES(13,'server1',1,'server1.b',2,'point.changed',1800000900001,'{"spec":{"name":"Cais","location":{"lat":-8.063,"lon":-34.871,"address":"Rua ''da'' \"Aurora\""},"max_power_w":50000,"connector":"CHADEMO","price_per_kwh_minor":189,"currency":"EUR","terms":{"cancel_until_s":0,"early_start_s":900,"no_show_s":60,"late_stop_s":600,"min_window_s":300,"max_window_s":86400,"horizon_s":7776000},"connector_label":"CHAdeMO","file_digest":"abc"},"maintenance":true,"fault":null}');
CREATE TABLE node (
	id VARCHAR NOT NULL, 
	schema_version INTEGER NOT NULL, 
	epoch BIGINT NOT NULL, 
	ver BIGINT NOT NULL, 
	created_ms BIGINT NOT NULL, 
	started_ms BIGINT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "node" VALUES('server1',1,1,13,1800000000000,1800000000000);
CREATE TABLE reservation (
	id VARCHAR NOT NULL, 
	point_id VARCHAR NOT NULL, 
	driver_id VARCHAR NOT NULL, 
	status VARCHAR NOT NULL, 
	start_ms BIGINT NOT NULL, 
	end_ms BIGINT NOT NULL, 
	released_ms BIGINT, 
	trip_id VARCHAR, 
	idempotency_key VARCHAR, 
	price_per_kwh_minor INTEGER NOT NULL, 
	currency VARCHAR NOT NULL, 
	extended BOOLEAN NOT NULL, 
	reason VARCHAR, 
	created_ms BIGINT NOT NULL, 
	epoch BIGINT NOT NULL, 
	seq BIGINT NOT NULL, 
	PRIMARY KEY (id)
)
 WITHOUT ROWID

;
INSERT INTO "reservation" VALUES('server1.a.r1-11','server1.a','lia','RESERVED',1800018000000,1800021600000,NULL,NULL,NULL,189,'EUR',0,NULL,1800000900000,1,11);
INSERT INTO "reservation" VALUES('server1.a.r1-2','server1.a','ana','RESERVED',1800003600000,1800007200000,NULL,NULL,'k1',189,'EUR',0,NULL,1800000000000,1,2);
INSERT INTO "reservation" VALUES('server1.a.r1-3','server1.a','rui','CANCELED',1800010800000,1800014400000,1800000000001,NULL,NULL,189,'EUR',0,'driver',1800000000000,1,4);
INSERT INTO "reservation" VALUES('server1.a.r1-5','server1.a','eva','FULFILLED',1800000000002,1800000900000,1800000720000,NULL,NULL,189,'EUR',0,'driver',1800000000002,1,7);
INSERT INTO "reservation" VALUES('server1.a.r1-8','server1.a','eva','ACTIVE',1800000720002,1800001800000,NULL,NULL,NULL,189,'EUR',0,NULL,1800000720002,1,9);
CREATE TABLE session (
	id VARCHAR NOT NULL, 
	point_id VARCHAR NOT NULL, 
	reservation_id VARCHAR NOT NULL, 
	driver_id VARCHAR NOT NULL, 
	status VARCHAR NOT NULL, 
	started_ms BIGINT NOT NULL, 
	ended_ms BIGINT, 
	energy_wh BIGINT NOT NULL, 
	cost_minor BIGINT NOT NULL, 
	price_per_kwh_minor INTEGER NOT NULL, 
	currency VARCHAR NOT NULL, 
	max_power_w INTEGER NOT NULL, 
	max_energy_wh BIGINT, 
	metered_ms BIGINT, 
	reason VARCHAR, 
	epoch BIGINT NOT NULL, 
	seq BIGINT NOT NULL, 
	PRIMARY KEY (id)
)
 WITHOUT ROWID

;
INSERT INTO "session" VALUES('server1.a.s1-6','server1.a','server1.a.r1-5','eva','COMPLETED',1800000000002,1800000720000,3000,567,189,'EUR',50000,NULL,NULL,'driver',1,7);
INSERT INTO "session" VALUES('server1.a.s1-9','server1.a','server1.a.r1-8','eva','ACTIVE',1800000720002,NULL,1000,0,189,'EUR',50000,90000,1800000900000,NULL,1,10);
CREATE UNIQUE INDEX idempotency_key_key ON idempotency_key ("key");
COMMIT;
