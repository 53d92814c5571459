#!/usr/bin/env bash
# Makes the trusted profile that lets a cluster's service account use a bucket. Run it once, logged in with `ibmcloud
# login` as someone who may create profiles and link them (iam-identity.profile.create and linkToResource, or the account
# owner or an IAM identity administrator), with the plug-ins container-service and cloud-object-storage.
#
#   deploy/set-up-profile.sh PROFILE CLUSTER COS-INSTANCE BUCKET [ROLE]
#
# ROLE  Writer (default): a whole file system. "Content Reader": read-only. "Object Writer": a drop box
#       (deploy/drop-box-pod.yaml). "Content Reader,Object Writer": everything but rm, mv and chmod.
# NAMESPACE and SERVICE_ACCOUNT in the environment name the pods' (default: default and default).
set -euo pipefail

if [ $# -lt 4 ] || [ $# -gt 5 ]; then
  echo "usage: ${0##*/} PROFILE CLUSTER COS-INSTANCE BUCKET [ROLE]" >&2
  exit 2
fi
profile=$1
cluster=$2
instance=$3
bucket=$4
role=${5:-Writer}

# An OpenShift cluster is linked as ROKS_SA, a Kubernetes cluster as IKS_SA: the wrong one ends in BXNIM0398E.
description=$(ibmcloud ks cluster get --cluster "$cluster" --output json)
cluster_crn=$(jq -r .crn <<<"$description")
case $(jq -r .type <<<"$description") in
  openshift) kind=ROKS_SA ;;
  *) kind=IKS_SA ;;
esac
instance_id=$(ibmcloud resource service-instance "$instance" --output json | jq -r '.[0].guid')

ibmcloud iam trusted-profile-create "$profile" --description "cosfuse: $bucket"
ibmcloud iam trusted-profile-link-create "$profile" --name "$profile-link" --cr-type "$kind" --link-crn "$cluster_crn" \
  --link-namespace "${NAMESPACE:-default}" --link-name "${SERVICE_ACCOUNT:-default}"
ibmcloud iam trusted-profile-policy-create "$profile" --roles "$role" --service-name cloud-object-storage \
  --service-instance "$instance_id" --resource-type bucket --resource "$bucket"

echo "TRUSTED_PROFILE_ID for the pod:"
ibmcloud iam trusted-profile "$profile" --output json | jq -r .id
