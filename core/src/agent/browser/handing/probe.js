Object.assign(document.createElement('input'), { type: 'file', multiple: true })
