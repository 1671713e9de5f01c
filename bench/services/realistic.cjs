const { createHash } = require('node:crypto');
const { createServer } = require('node:http');
const sqlite = require('node:sqlite');
const { gzipSync } = require('node:zlib');
const express = require('express');
const { serve } = require('./serve.cjs');
const { shop } = require('./shop.cjs');

serve(createServer(shop(express, sqlite, { gzipSync }, { createHash })));
