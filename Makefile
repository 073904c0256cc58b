# SPDX-License-Identifier: GPL-2.0-only
# protkey: `make help`.

TOP	:= $(dir $(abspath $(lastword $(MAKEFILE_LIST))))
TOP	:= $(patsubst %/,%,$(TOP))
BUILD	?= $(TOP)/build
PREFIX	?= /usr/local
DESTDIR	?=

# Kernels to build for: KVER=RELEASE, or all installed header packages whose
# kernels Debian ships to servers, or the running kernel.
HEADERS	:= $(patsubst /usr/src/linux-headers-%/Makefile,%,$(filter-out %-common/Makefile,$(wildcard /usr/src/linux-headers-*/Makefile)))
ifneq ($(KVER),)
KVERS	:= $(KVER)
else
KVERS	:= $(or $(HEADERS),$(shell uname -r))
endif

# TEST BUILDS, see kmod/Kbuild.include: they go to folders of their own, and are
# made for the kernels that scripts/vm boots by default.
ifneq ($(LEAKTEST)$(BROKEN),)
ifeq ($(KVER),)
KVERS	:= $(or $(filter %-cloud-amd64,$(KVERS)),$(KVERS))
endif
endif
VARIANT	:= $(if $(filter 1,$(LEAKTEST)),-leaktest)$(if $(BROKEN),-broken-$(BROKEN))
MODULES	:= $(BUILD)/modules$(VARIANT)

kdir	= $(or $(KDIR),$(firstword $(wildcard /usr/src/linux-headers-$(1) /lib/modules/$(1)/build)))
kmake	= $(MAKE) -C $(call kdir,$(1)) M=$(MODULES)/$(1)/src \
	  PK_LEAKTEST=$(LEAKTEST) PK_BROKEN=$(BROKEN) $(2)

all: modules userspace tests

help:
	@echo 'make               module for every installed kernel header package, user space'
	@echo 'make modules       the module      [KVER=RELEASE] [W=1] -> build/modules/RELEASE/'
	@echo 'make userspace     libprotkey and protkey          -> build/bin, build/lib'
	@echo 'make tests         test helpers and test module'
	@echo 'make install       all of it, for the running kernel [KVER=] [DESTDIR=] [PREFIX=]'
	@echo 'make dkms          build it again with every new kernel: scripts/dkms-install'
	@echo 'make deb           a Debian package of all that            -> build/deb/'
	@echo 'make demo          the main job in a VM: scripts/demo'
	@echo 'make check         every check: scripts/check'
	@echo 'make bench         speed beside stock: scripts/bench'
	@echo 'make sparse        sparse over the module          [KVER=RELEASE]'
	@echo 'make clean'

modules: $(KVERS:%=module-%)
userspace:
	$(MAKE) -C userspace BUILD=$(BUILD) PREFIX=$(PREFIX)

# One folder of links for each kernel, so that their objects do not meet.
module-%: FORCE
	@test -n "$(call kdir,$*)" || { \
		echo "no headers for kernel $*: apt-get install linux-headers-$*" >&2; exit 1; }
	@mkdir -p $(MODULES)/$*/src
	@cp -rsfT $(TOP)/kmod $(MODULES)/$*/src/kmod
	@ln -sf $(TOP)/Kbuild $(MODULES)/$*/src/Kbuild
	+$(call kmake,$*,modules)
	@cd $(MODULES)/$* && ln -sf src/*.ko .

sparse: $(KVERS:%=sparse-%)
sparse-%: FORCE
	@rm -rf $(BUILD)/sparse/$*
	$(MAKE) --no-print-directory module-$* MODULES=$(BUILD)/sparse C=2 CF="$(CF)"

TESTMODS := $(if $(wildcard $(TOP)/selftests/modules/Kbuild),$(KVERS:%=testmodule-%))
tests: $(TESTMODS)
	$(if $(wildcard $(TOP)/selftests/helpers/Makefile),$(MAKE) -C selftests/helpers BUILD=$(BUILD))
	$(if $(wildcard $(TOP)/selftests/leak/Makefile),$(MAKE) -C selftests/leak BUILD=$(BUILD))
	$(MAKE) -C selftests/native BUILD=$(BUILD)
	$(if $(wildcard $(TOP)/demo/Makefile),$(MAKE) -C demo BUILD=$(BUILD))

testmodule-%: FORCE
	@mkdir -p $(BUILD)/testmodules/$*
	@cp -rsfT $(TOP)/selftests/modules $(BUILD)/testmodules/$*/src
	+$(MAKE) -C $(call kdir,$*) M=$(BUILD)/testmodules/$*/src PK_TOP=$(TOP) modules
	@mkdir -p $(BUILD)/modules/$*
	@for ko in $(BUILD)/testmodules/$*/src/*.ko; do \
		ln -sf "$$ko" $(BUILD)/modules/$*/; done

install: KVERS := $(or $(KVER),$(shell uname -r))
install: module-$(or $(KVER),$(shell uname -r)) userspace
	install -d $(DESTDIR)/lib/modules/$(KVERS)/updates
	install -m 644 $(BUILD)/modules/$(KVERS)/src/*.ko \
		$(DESTDIR)/lib/modules/$(KVERS)/updates/
	$(if $(DESTDIR),,depmod $(KVERS))
	$(MAKE) -C userspace BUILD=$(BUILD) PREFIX=$(PREFIX) DESTDIR=$(DESTDIR) install

deb:
	scripts/deb

dkms:
	scripts/dkms-install $(KVER)

demo check bench:
	scripts/$@

clean:
	rm -rf $(BUILD)/modules* $(BUILD)/testmodules $(BUILD)/sparse $(BUILD)/bin $(BUILD)/lib $(BUILD)/obj

FORCE:
.PHONY: all help modules userspace sparse tests install dkms demo check bench clean FORCE
