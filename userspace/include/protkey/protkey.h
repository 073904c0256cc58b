/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libprotkey: everything. */
#ifndef PROTKEY_PROTKEY_H
#define PROTKEY_PROTKEY_H

#include <protkey/admin.h>
#include <protkey/audit.h>
#include <protkey/device.h>
#include <protkey/domain.h>
#include <protkey/key.h>
#include <protkey/measured.h>
#include <protkey/mk.h>
#include <protkey/person.h>
#include <protkey/seal.h>
#include <protkey/secret.h>
#include <protkey/store.h>
#include <protkey/tls.h>
#include <protkey/volume.h>

#endif
